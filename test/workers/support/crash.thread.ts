/** @file A training thread that dies with every task. */
export default function crash(): never {
  process.exit(1)
}
