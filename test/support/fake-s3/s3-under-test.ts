import { systemClock } from '../../../src/core/clock.ts';
import { DEFAULT_S3_LIMITS, type S3Limits } from '../../../src/stores/s3/limits.ts';
import { openS3Store } from '../../../src/stores/s3/open-s3-store.ts';
import { S3AbilityCache } from '../../../src/stores/s3/s3-ability-cache.ts';
import type { S3Place } from '../../../src/stores/s3/s3-place.ts';
import type { S3Store } from '../../../src/stores/s3/s3-store.ts';
import { DEFAULT_WEB_LIMITS, type WebLimits } from '../../../src/stores/web/limits.ts';
import { WebClient } from '../../../src/stores/web/web-client.ts';
import { LOOPBACK_POLICY } from '../web-server.ts';
import { FAKE_BUCKET, FAKE_CREDENTIALS, startFakeS3, type FakeS3 } from './fake-s3.ts';
import type { FakeS3Lies } from './faults.ts';

export interface S3UnderTest {
  readonly fake: FakeS3;
  readonly store: S3Store;
  readonly abilities: S3AbilityCache;
  /** The same server once more, as if by another transfer of this process. */
  again(options?: OpenOptions): Promise<S3Store>;
  remove(): Promise<void>;
}

export interface OpenOptions {
  readonly role?: 'source' | 'sink';
  readonly place?: Partial<S3Place>;
  readonly signal?: AbortSignal;
  readonly announce?: (keys: readonly string[], fake: FakeS3) => Promise<void>;
  readonly limits?: Partial<S3Limits>;
  readonly webLimits?: Partial<WebLimits>;
}

const never = new AbortController().signal;

/** A store on a fake S3 of its own. */
export async function openFakeS3(lies: FakeS3Lies = {}, options: OpenOptions = {}): Promise<S3UnderTest> {
  const fake = await startFakeS3(lies);
  const web = new WebClient({
    limits: { ...DEFAULT_WEB_LIMITS, ...options.webLimits },
    policy: [...LOOPBACK_POLICY, { host: '*.s3.test', isPrivateAllowed: true }],
    lookup: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
  });
  const abilities = new S3AbilityCache(systemClock, Infinity);
  const again = (more: OpenOptions = {}): Promise<S3Store> =>
    openS3Store({
      place: {
        endpoint: fake.endpoint,
        region: 'test-1',
        bucket: FAKE_BUCKET,
        prefix: '',
        isVirtualHosted: false,
        ...options.place,
        ...more.place,
      },
      credentials: FAKE_CREDENTIALS,
      role: more.role ?? options.role ?? 'sink',
      web,
      clock: systemClock,
      limits: { ...DEFAULT_S3_LIMITS, ...options.limits, ...more.limits },
      abilities,
      announce: async (keys) => options.announce?.(keys, fake),
      signal: more.signal ?? never,
    });
  const remove = async (): Promise<void> => {
    await web.close();
    await fake.close();
  };
  try {
    return { fake, store: await again(), abilities, again, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
