import { openMemoryDatabase } from '../../src/repositories/memory-database.ts';
import type { DatabaseHarness } from '../contract/database-harness.ts';
import { describeDatabase } from '../contract/database.contract.ts';
import { describeJournal } from '../contract/journal.contract.ts';
import { describeOperationIndex } from '../contract/operation-index.contract.ts';
import { describeOperationRepository } from '../contract/operation-repository.contract.ts';
import { describeResourceRepository } from '../contract/resource-repository.contract.ts';
import { FakeClock } from '../support/fake-clock.ts';

async function open(): Promise<DatabaseHarness> {
  const clock = new FakeClock();
  const database = openMemoryDatabase({ clock });
  return { database, clock, dispose: () => database.close() };
}

describeOperationRepository('memory', open);
describeOperationIndex('memory', open);
describeResourceRepository('memory', open);
describeJournal('memory', open);
describeDatabase('memory', open);
