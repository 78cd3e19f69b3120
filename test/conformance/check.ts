import type { CheckReport } from './report.ts';

/** What one check does takes seconds; the rest is for a busy machine. */
const CHECK_TIMEOUT_MS = 150_000;

/** Runs one check and reports it: it failed when `body` rejects, or is not done in time. */
export async function check(report: CheckReport, sentence: string, body: () => Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`not done after ${CHECK_TIMEOUT_MS} ms`));
  }, CHECK_TIMEOUT_MS);
  try {
    await Promise.race([body(), late]);
    report.passed(sentence);
  } catch (error) {
    report.failed(sentence, error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
}
