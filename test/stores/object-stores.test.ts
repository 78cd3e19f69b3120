import { MemoryStore } from '../../src/stores/memory/memory-store.ts';
import { PosixStore } from '../../src/stores/posix/posix-store.ts';
import { objectStoreContract } from '../contract/object-store.contract.ts';
import { TEST_LIMITS, TransferFixture } from '../support/transfer-fixture.ts';

objectStoreContract('MemoryStore', () => ({ store: new MemoryStore(), remove: () => {} }));

objectStoreContract('PosixStore', () => {
  const fixture = new TransferFixture();
  const place = { root: fixture.directory, path: fixture.sink };
  return {
    store: new PosixStore({ place, role: 'sink', limits: TEST_LIMITS }),
    remove: () => fixture.remove(),
  };
});
