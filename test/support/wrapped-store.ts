import type { ObjectStore } from '../../src/transfers/object-store.ts';

/** A store that is another one, call by call, but that no store recognizes as within its reach. */
export function wrappedStore(store: ObjectStore, changes: Partial<ObjectStore> = {}): ObjectStore {
  const { copyObject, uploads } = store;
  return {
    capabilities: store.capabilities,
    stat: (key, signal) => store.stat(key, signal),
    list: (prefix, options) => store.list(prefix, options),
    read: (key, options) => store.read(key, options),
    write: (key, body, options) => store.write(key, body, options),
    delete: (key, signal, options) => store.delete(key, signal, options),
    ...(uploads === undefined ? {} : { uploads }),
    ...(copyObject === undefined ? {} : { copyObject: (...rest) => copyObject.apply(store, rest) }),
    close: () => store.close(),
    ...changes,
  };
}
