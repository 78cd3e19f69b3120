/** The names by which bindings of locations are found. */
import type { RemoteLocation } from '../../transfers/remote-location.ts';

/** The bucket's or the container's own. */
export function bucketOf(location: RemoteLocation): string {
  return location.kind === 'azure-container' ? location.container : location.bucket;
}

/** What the operator would have to bind: behind account or endpoint, where the caller names one. */
export function boundNameOf(location: RemoteLocation): string {
  return [...spaceOf(location), bucketOf(location)].join('/');
}

/** For all buckets. `*` is never an account's or an endpoint's: what a caller names there would silently be somebody else's. */
export function widerNameOf(location: RemoteLocation): string {
  return [...spaceOf(location), '*'].join('/');
}

function spaceOf(location: RemoteLocation): readonly string[] {
  switch (location.kind) {
    case 'bucket':
      return [];
    case 'azure-container':
      return [location.account];
    case 's3-endpoint':
      return [new URL(location.endpoint).host];
  }
}
