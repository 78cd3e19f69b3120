import type { Database } from '../../src/operations/database.ts';
import type { FakeClock } from '../support/fake-clock.ts';

/** A fresh, empty database for one test, and the clock that it reads. */
export interface DatabaseHarness {
  readonly database: Database;
  readonly clock: FakeClock;
  /** Closes it if it is open, and removes what it left. */
  dispose(): Promise<void>;
}

export type OpenHarness = () => Promise<DatabaseHarness>;
