import { writeFileSync } from 'node:fs';

/** Takes the checks of one suite as they come. */
export type CheckReport = Pick<Report, 'passed' | 'failed'>;

/** Counts the checks of all suites and prints each as it comes. */
export class Report {
  #passedCount = 0;
  #failedCount = 0;
  #skippedCount = 0;

  get hasFailed(): boolean {
    return this.#failedCount > 0;
  }

  passed(check: string): void {
    this.#passedCount += 1;
    console.log(`  ok      ${check}`);
  }

  failed(check: string, why: string): void {
    this.#failedCount += 1;
    console.log(`  not ok  ${check}`);
    console.log(why.trimEnd().replace(/^/gm, '          '));
  }

  /** Of a whole suite, which counts as one, or of one check. */
  skipped(what: string, why: string): void {
    this.#skippedCount += 1;
    console.log(`  skipped ${what}: ${why}`);
  }

  get summary(): string {
    return `${this.#passedCount} passed, ${this.#failedCount} failed, ${this.#skippedCount} skipped`;
  }

  /** Writes the counts under the names of Jest's JSON, so that one reader can add both up. */
  write(path: string): void {
    const counts = {
      numPassedTests: this.#passedCount,
      numFailedTests: this.#failedCount,
      numPendingTests: this.#skippedCount,
    };
    writeFileSync(path, JSON.stringify(counts));
  }
}
