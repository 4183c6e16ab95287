/** @file Packages of peers, from the folder that PEERS_NODE names: the project does not depend on them. */
import { createRequire } from 'node:module'
import { join } from 'node:path'

const folder = process.env.PEERS_NODE
if (!folder) throw new Error('PEERS_NODE names no folder where it is installed.')

export const requirePeer = createRequire(join(folder, 'package.json'))
