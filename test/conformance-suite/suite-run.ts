import { runConformance } from '../../src/conformance/run-conformance.ts';

export interface SuiteRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process and keeps what it writes. */
export async function runSuite(
  args: readonly string[],
  stop: AbortSignal = new AbortController().signal,
): Promise<SuiteRun> {
  let stdout = '';
  let stderr = '';
  const status = await runConformance(args, {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    stop,
  });
  return { status, stdout, stderr };
}

/** One case of a run with --json. */
export interface ReportedCase {
  readonly id: string;
  readonly collection: string;
  readonly outcome: string;
  readonly finding?: string;
  readonly reason?: string;
}

export function casesOf({ stdout }: SuiteRun): readonly ReportedCase[] {
  return (JSON.parse(stdout) as { readonly cases: readonly ReportedCase[] }).cases;
}
