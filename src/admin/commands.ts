/** @file The commands of whoever runs the service, by name. */
import { backup, restore } from './backup/commands.ts'
import { collect } from './collect/command.ts'
import type { Command, Surroundings } from './command.ts'
import { doctor } from './doctor/command.ts'
import { erase } from './erase/command.ts'
import { UsageError } from './errors.ts'

const commands = { doctor, backup, restore, collect, erase } as const satisfies Record<
  string,
  Command
>

export type CommandName = keyof typeof commands

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name)
}

export const commandUsage: string = Object.entries<Command>(commands)
  .map(([name, { usage, summary }]) => `  trainyard ${`${name} ${usage}`.padEnd(26)}${summary}`)
  .join('\n')

export async function runCommand(
  name: CommandName,
  args: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const command: Command = commands[name]
  try {
    return await command.run(args, surroundings)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const usage = `trainyard ${name} ${command.usage}`.trimEnd()
    throw new UsageError(`${error.message}\nUsage: ${usage}`)
  }
}
