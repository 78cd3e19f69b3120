import type { Any } from '../core/any.ts';

/** The kind of the operations that look into what was uploaded. */
export const ANALYZE_UPLOAD_KIND = 'checks.analyzeUpload';

/** A file of an upload, as it rests until its operation has ended. */
export interface UploadedFile {
  /** A `file:` URI. */
  readonly uri: string;
  readonly sizeBytes: number;
  readonly sha256: Uint8Array;
}

/** What a caller says of the file that it sends. */
export interface UploadDescription {
  readonly codeReferenceId: string;
  /** A name of AppBinaryFileType; absent where the caller said nothing. */
  readonly appBinaryFileType?: string;
  /** As it is called at the caller's; empty where it said nothing. */
  readonly fileName: string;
  /** Empty where it said nothing. */
  readonly contentType: string;
}

/** What the operation of an upload is asked to do. */
export interface UploadAnalysis extends UploadDescription {
  /** The app's name. */
  readonly parent: string;
  /** The name that the report must have. */
  readonly report: string;
  readonly file: UploadedFile;
}

/** Requests of such operations; made in schema/. */
export interface UploadAnalysisCodec {
  encode(analysis: UploadAnalysis): Any;
  /** The name that the report of a request must have. @throws Error when it is none of ours. */
  resultOf(request: Any): string;
}
