/**
 * @file Memory for the distinct values of all columns together. A profile is kept and sent around, so
 * ten thousand columns of a thousand values each must not all have theirs listed.
 *
 * When the budget is spent, the column that holds most of it gives its list up: measurements go,
 * class labels stay. What is given up depends on the rows alone, not on how they arrived.
 */
export interface CategoryHolder {
  /** What its list costs now. */
  readonly cost: number
  forget(): void
}

export interface CategoryBudget {
  /** To be called after a holder's cost has grown. */
  spend(amount: number): void
}

/** Characters of all categories, with some for the punctuation and count of each. */
export const maxCategoryCharacters = 8 * 2 ** 20

/** `holders` is read again each time: it may grow. */
export function createCategoryBudget(holders: readonly CategoryHolder[]): CategoryBudget {
  let spent = 0
  return {
    spend(amount) {
      spent += amount
      if (spent <= maxCategoryCharacters) return
      const largest = holders.reduce((most, next) => (next.cost > most.cost ? next : most))
      largest.forget()
      // Counted anew: columns with too many values have given their lists up by themselves.
      spent = holders.reduce((sum, holder) => sum + holder.cost, 0)
    },
  }
}
