/**
 * @file The size of a blob's chunks. Every chunk but the last is as long as this, so the chunk that
 * holds a byte is a division away.
 *
 * 1 MiB: a row of 4 MiB made each read hold four times the memory and was not faster.
 */
export const chunkBytes = 1_048_576
