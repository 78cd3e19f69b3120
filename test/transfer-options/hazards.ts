import type { HeldOption } from './options.ts';

/** What can go wrong with a transfer, and the tests of what comes of it. */
export const HAZARDS: readonly Omit<HeldOption, 'sentence'>[] = [
  {
    name: 'an object is changed during its copy',
    file: 'transfers/hazards.test.ts',
    test: 'a source that grows while it is copied is never published torn',
  },
  {
    name: 'the sink is changed under us',
    file: 'transfers/between-stores.test.ts',
    test: 'an object that somebody else writes at the sink meanwhile is left alone, and fails',
  },
  {
    name: 'a symbolic link is swapped into the path',
    file: 'transfers/hazards.test.ts',
    test: 'a directory that is swapped for a link while it is copied leads nowhere else',
  },
  {
    name: 'a name is not UTF-8',
    file: 'e2e/bucket-transfer.test.ts',
    test: 'names that are no UTF-8 fail one by one, everything else is copied',
  },
  {
    name: 'a directory cannot be listed: it is counted',
    file: 'transfers/hazards.test.ts',
    test: 'a directory that cannot be listed is counted, and the rest is copied (needs root, to be nobody)',
  },
  {
    name: 'a directory cannot be listed: its range deletes nothing',
    file: 'transfers/between-stores.test.ts',
    test: 'what the sink has below a directory that cannot be listed stays, and what it has beside it goes',
  },
  {
    name: 'a source has vanished',
    file: 'transfers/deletes.test.ts',
    test: 'a source that has vanished deletes nothing',
  },
  {
    name: 'the sink is full',
    file: 'transfers/hazards.test.ts',
    test: 'ends the transfer, leaves no staging, and the next attempt goes on (where a disk can be mounted)',
  },
  {
    name: 'the sink is full: clients are told while the transfer waits',
    file: 'e2e/waiting-transfer.test.ts',
    test: 'a transfer onto a full disk says so while it waits, and nothing of it once it has gone on',
  },
  {
    name: 'a store does not answer',
    file: 'e2e/waiting-transfer.test.ts',
    test: 'a transfer whose store does not answer says so while it waits, and nothing of it once it has gone on',
  },
  {
    name: 'credentials expire',
    file: 'transfers/between-stores.test.ts',
    test: 'credentials that expire at the %s on the way end the transfer, which has counted what it copied, and a next one goes on',
  },
];
