import { invalidArgument } from '../core/status-error.ts';
import { parseNewAppName } from './checks-names.ts';
import type { UploadDescription } from './upload-analysis.ts';

/** AnalyzeUploadRequest, as it came. */
export interface AnalyzeUploadRequest {
  readonly parent?: string;
  readonly codeReferenceId?: string;
  /** A number where it has no name. */
  readonly appBinaryFileType?: string | number;
}

/** What the transport knows of the file. */
export interface UploadHeader {
  readonly fileName: string;
  readonly contentType: string;
}

/** A commit's hash has 64 characters at most; the API gives no bound, and a record needs one. */
const CODE_REFERENCE_LENGTH_MAX = 256;
/** NAME_MAX of every file system that apps come from. */
const FILE_NAME_LENGTH_MAX = 255;
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;

/** @throws StatusError INVALID_ARGUMENT naming the field. */
export function checkedUpload(
  request: AnalyzeUploadRequest,
  header: UploadHeader,
): UploadDescription & { readonly parent: string } {
  const { codeReferenceId = '', appBinaryFileType } = request;
  if (typeof appBinaryFileType === 'number') {
    throw invalidArgument('app_binary_file_type', 'must be ANDROID_APK, ANDROID_AAB or IOS_IPA');
  }
  return {
    parent: parseNewAppName(request.parent, 'parent'),
    codeReferenceId: plain('code_reference_id', codeReferenceId, CODE_REFERENCE_LENGTH_MAX),
    ...(appBinaryFileType === undefined ? {} : { appBinaryFileType }),
    fileName: plain('media.file_name', baseName(header.fileName), FILE_NAME_LENGTH_MAX),
    contentType: plain('media.content_type', header.contentType, FILE_NAME_LENGTH_MAX),
  };
}

/** Browsers and curl send a name; others a path of theirs, which says nothing here and must never be taken for one of ours. */
function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function plain(field: string, text: string, lengthMax: number): string {
  if (text.length <= lengthMax && !CONTROL_CHARACTER.test(text) && text.isWellFormed()) return text;
  throw invalidArgument(field, `must have at most ${String(lengthMax)} characters, no control characters`);
}
