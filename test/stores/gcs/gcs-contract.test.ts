import { objectStoreContract } from '../../contract/object-store.contract.ts';
import { GcsGround } from '../../support/fake-gcs/gcs-ground.ts';

for (const path of ['', 'some/päth/']) {
  objectStoreContract(`GcsStore below '${path}'`, async () => {
    const ground = await GcsGround.open({ path });
    return { store: ground.store, remove: () => ground.close() };
  });
}
