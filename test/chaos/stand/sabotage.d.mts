export declare const ways: readonly ['', 'exit', 'throw']
export declare const poisonSeed: number
export declare function jumpWith(offsetMs: Float64Array): void
