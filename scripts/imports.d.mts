/** One line for each import that the table does not allow, and for each circle, in sources by their path from the root. */
export function faultsOf(sources: Map<string, string>): string[];
