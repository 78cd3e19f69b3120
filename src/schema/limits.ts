/** Bytes of an operation within an OperationSummary, beside its other members: gRPC clients take messages of 4 MiB. */
export const SUMMARY_OPERATION_BYTES_MAX = 3.5 * 1024 * 1024;
