import { describeDatabase } from '../contract/database.contract.ts';
import { describeJournal } from '../contract/journal.contract.ts';
import { describeOperationIndex } from '../contract/operation-index.contract.ts';
import { describeOperationRepository } from '../contract/operation-repository.contract.ts';
import { describeResourceRepository } from '../contract/resource-repository.contract.ts';
import { openHarness } from './sqlite-harness.ts';

describeOperationRepository('SQLite', () => openHarness());
describeOperationIndex('SQLite', () => openHarness());
describeResourceRepository('SQLite', () => openHarness());
describeJournal('SQLite', () => openHarness());
describeDatabase('SQLite', () => openHarness());

// Nothing is at hand, so that every record is read first, and each commit takes one write.
describeOperationRepository('SQLite without a cache', () =>
  openHarness({ cacheRecordsMax: 0, commitWritesMax: 1, commitBytesMax: 1 }),
);
