export interface FileResult {
  /** Absolute. */
  file: string;
  tests: { name: string; state: string }[];
  /** What went wrong outside of the tests. */
  errors: string[];
}

/** Judges what the runners did. A test that silently did not run is a failure. */
export function judge(
  expected: string[],
  results: FileResult[],
): { passed: number; failed: number; complaints: string[]; excused: string[] };
