/** The browser that the tests and the benchmark run in: `CHROME_PATH`, else an installed one, else null. */
export function findChromium(): string | null;

/** How it runs for both. */
export const chromiumArguments: string[];
