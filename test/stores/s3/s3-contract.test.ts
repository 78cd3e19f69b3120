import { objectStoreContract } from '../../contract/object-store.contract.ts';
import { openFakeS3 } from '../../support/fake-s3/s3-under-test.ts';

objectStoreContract('S3Store', () => openFakeS3());
objectStoreContract('S3Store with a prefix', () => openFakeS3({}, { place: { prefix: 'some/where +/' } }));
objectStoreContract('S3Store by the older listing', () => openFakeS3({}, { place: { listsByMarker: true } }));
objectStoreContract('S3Store on a server that knows no preconditions, checksums or ranges', () =>
  openFakeS3({
    ignoredHeaders: [
      'if-none-match',
      'if-match',
      'x-amz-checksum-crc32c',
      'x-amz-checksum-algorithm',
      'x-amz-checksum-type',
      'x-amz-checksum-mode',
    ],
    ignoresRange: true,
    isUnencoded: true,
    echoesStartAfter: true,
  }),
);
