/**
 * @file The versions of the arithmetic, by kernel table. Tables of one version have the same bits. A
 * version rises with every change that alters a bit of any result; snapshots of another version are
 * refused, since they would go on with other numbers.
 */
export const numericsVersions = { reference: 1, wasm: 3, native: 3 } as const
