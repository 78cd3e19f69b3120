/** Where a transfer job stands in the requests that bring one, in the proto's spelling. */
export const JOB_PATH = 'transfer_job';
