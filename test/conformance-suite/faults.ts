import { CANCEL_FAULTS } from './faults/cancel-faults.ts';
import { CREATE_FAULTS } from './faults/create-faults.ts';
import { DELETE_FAULTS } from './faults/delete-faults.ts';
import { ERROR_FAULTS } from './faults/error-faults.ts';
import { FILTER_FAULTS } from './faults/filter-faults.ts';
import { GET_FAULTS } from './faults/get-faults.ts';
import { LIST_FAULTS } from './faults/list-faults.ts';
import type { FaultRow } from './faults/make-fault.ts';
import { PAGE_FAULTS } from './faults/page-faults.ts';
import { SERVICE_FAULTS } from './faults/service-faults.ts';
import { TRANSFER_FAULTS } from './faults/transfer-faults.ts';
import { WAIT_FAULTS } from './faults/wait-faults.ts';
import { WIRE_FAULTS } from './faults/wire-faults.ts';

/** What wrong servers do, each with the case that must find it; every case finds one at least. */
export const FAULTS: readonly FaultRow[] = [
  ...SERVICE_FAULTS,
  ...GET_FAULTS,
  ...ERROR_FAULTS,
  ...LIST_FAULTS,
  ...PAGE_FAULTS,
  ...FILTER_FAULTS,
  ...CANCEL_FAULTS,
  ...DELETE_FAULTS,
  ...WAIT_FAULTS,
  ...WIRE_FAULTS,
  ...CREATE_FAULTS,
  ...TRANSFER_FAULTS,
];
