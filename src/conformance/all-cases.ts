import { CANCEL_CASES } from './cases/cancel-cases.ts';
import { CREATE_CASES } from './cases/create-cases.ts';
import { DELETE_CASES } from './cases/delete-cases.ts';
import { ERROR_CASES } from './cases/error-cases.ts';
import { FILTER_REFUSAL_CASES } from './cases/filter-refusal-cases.ts';
import { FILTER_CASES } from './cases/filter-cases.ts';
import { GET_CASES } from './cases/get-cases.ts';
import { LIST_CASES } from './cases/list-cases.ts';
import { PAGE_CASES } from './cases/page-cases.ts';
import { SERVICE_CASES } from './cases/service-cases.ts';
import { TRANSFER_CASES } from './cases/transfer-cases.ts';
import { WAIT_CASES } from './cases/wait-cases.ts';
import { WIRE_CASES } from './cases/wire-cases.ts';
import type { ConformanceCase } from './conformance-case.ts';

/** Every case, in the order in which they run. */
export const ALL_CASES: readonly ConformanceCase[] = [
  ...SERVICE_CASES,
  ...GET_CASES,
  ...ERROR_CASES,
  ...LIST_CASES,
  ...PAGE_CASES,
  ...FILTER_CASES,
  ...FILTER_REFUSAL_CASES,
  ...CANCEL_CASES,
  ...DELETE_CASES,
  ...WAIT_CASES,
  ...WIRE_CASES,
  ...CREATE_CASES,
  ...TRANSFER_CASES,
];
