import type { Any } from '../core/any.ts';
import type { CheckedScanRequest } from './scan-rules.ts';

/** The kind of the operations that make scans of source trees. */
export const GENERATE_SCAN_KIND = 'checks.generateScan';

/** What such an operation is asked to do. */
export interface ScanGeneration {
  readonly request: CheckedScanRequest;
  /** The name that the scan must have. */
  readonly scan: string;
}

/** Requests of such operations; made in schema/. */
export interface ScanGenerationCodec {
  encode(generation: ScanGeneration): Any;
  /** The name that the scan of a request must have. @throws Error when it is none of ours. */
  resultOf(request: Any): string;
}
