/**
 * @file The version of the arithmetic. It rises with every change that alters a bit of any result;
 * snapshots of another version are refused, since they would go on with other numbers.
 */
export const numericsVersion = 1
