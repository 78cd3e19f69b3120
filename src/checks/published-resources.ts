import { Code } from '../core/code.ts';
import { renamingField, StatusError } from '../core/status-error.ts';
import { readMessageFilter, type MessageFilter } from '../operations/filter/message-filter.ts';
import type { FilterLimits } from '../operations/filter/parse-filter.ts';
import type { MessageTypes } from '../operations/message-types.ts';
import { CHECKS_TYPES, type ChecksMessage, type ChecksType } from './checks-message.ts';
import { ACCOUNT, APP, parseName, REPO, REPO_SCAN, REPORT } from './checks-names.ts';
import {
  listPublished,
  type PageRequest,
  type PublishedListDependencies,
  type PublishedPage,
  type PublishedSelection,
} from './published-list.ts';

/** GetReportRequest, as it came. */
export interface GetReportRequest {
  readonly name?: string;
  readonly checksFilter?: string;
}

/** ListReportsRequest, as it came; of other lists the members that they have. */
export interface ListPublishedRequest extends PageRequest {
  readonly parent?: string;
  readonly filter?: string;
}

export type ListReportsRequest = ListPublishedRequest & Pick<GetReportRequest, 'checksFilter'>;

export interface PublishedResourcesOptions extends PublishedListDependencies {
  readonly types: MessageTypes;
  readonly filterLimits: FilterLimits;
}

/** The API names no page size of apps. */
const APP_PAGES = { defaultPageSize: 50, maxPageSize: 1000 };
/** ListReports: "If unspecified, at most 10 … The maximum value is 50; values above 50 will be coerced to 50." */
const REPORT_PAGES = { defaultPageSize: 10, maxPageSize: 50 };

const EVERYTHING: MessageFilter = { matches: () => true, termCount: 0 };

const CHECK = 'google.checks.report.v1alpha.Check';

/**
 * What Checks has published, as clients read it: apps, reports and scans of source trees.
 *
 * All methods throw INVALID_ARGUMENT naming the field for what is malformed.
 */
export class PublishedResources {
  readonly #options: PublishedResourcesOptions;

  constructor(options: PublishedResourcesOptions) {
    this.#options = options;
  }

  /** @throws StatusError NOT_FOUND (reason APP_NOT_FOUND). */
  getApp(name: string | undefined): Promise<ChecksMessage> {
    return this.#get(CHECKS_TYPES.app, parseName(name, APP, 'name'), 'APP_NOT_FOUND');
  }

  listApps({ parent, ...page }: ListPublishedRequest): Promise<PublishedPage> {
    const collection = parseName(parent, ACCOUNT, 'parent');
    return this.#list(page, {
      ...{ type: CHECKS_TYPES.app, collection, pageSizes: APP_PAGES },
      ...{ filterText: '', filter: EVERYTHING },
    });
  }

  /** @throws StatusError NOT_FOUND (reason REPORT_NOT_FOUND). */
  async getReport({ name, checksFilter = '' }: GetReportRequest): Promise<ChecksMessage> {
    const parsed = parseName(name, REPORT, 'name');
    const filter = this.#checksFilter(checksFilter);
    return withChecks(await this.#get(CHECKS_TYPES.report, parsed, 'REPORT_NOT_FOUND'), filter);
  }

  async listReports(request: ListReportsRequest): Promise<PublishedPage> {
    const { parent, filter = '', checksFilter = '', ...page } = request;
    const collection = parseName(parent, APP, 'parent');
    const checks = this.#checksFilter(checksFilter);
    const { messages, nextPageToken } = await this.#list(page, {
      ...{ type: CHECKS_TYPES.report, collection, pageSizes: REPORT_PAGES },
      // "When paginating, all other parameters provided to `ListReports` must match the call that provided the page token."
      filterText: JSON.stringify([filter, checksFilter]),
      filter: this.#filter(filter, CHECKS_TYPES.report.typeName, ['name', 'resultsUri']),
    });
    return { messages: messages.map((report) => withChecks(report, checks)), nextPageToken };
  }

  /** @throws StatusError NOT_FOUND (reason REPO_SCAN_NOT_FOUND). */
  getRepoScan(name: string | undefined): Promise<ChecksMessage> {
    return this.#get(CHECKS_TYPES.repoScan, parseName(name, REPO_SCAN, 'name'), 'REPO_SCAN_NOT_FOUND');
  }

  listRepoScans({ parent, filter = '', ...page }: ListPublishedRequest): Promise<PublishedPage> {
    const collection = parseName(parent, REPO, 'parent');
    return this.#list(page, {
      ...{ type: CHECKS_TYPES.repoScan, collection, pageSizes: REPORT_PAGES, filterText: filter },
      filter: this.#filter(filter, CHECKS_TYPES.repoScan.typeName, ['name', 'cliVersion', 'localScanPath']),
    });
  }

  async #get({ kind, typeName }: ChecksType, name: string, reason: string): Promise<ChecksMessage> {
    const { resources, codec } = this.#options;
    const resource = await resources.get(kind, name);
    if (resource === undefined) {
      throw new StatusError(Code.NOT_FOUND, `${name} not found`, { reason, metadata: { name } });
    }
    return codec.decode(typeName, resource.value);
  }

  #list(page: PageRequest, selection: PublishedSelection): Promise<PublishedPage> {
    return listPublished(page, selection, this.#options);
  }

  #checksFilter(text: string): MessageFilter {
    return renamingField('filter', 'checks_filter', () => this.#filter(text, CHECK, ['type', 'state', 'severity']));
  }

  #filter(text: string, typeName: string, textMembers: readonly string[]): MessageFilter {
    const { types, filterLimits: limits } = this.#options;
    return text === '' ? EVERYTHING : readMessageFilter(text, { typeName, types, textMembers, limits });
  }
}

/** "Only checks that match the filter string are included in the response." */
function withChecks(report: ChecksMessage, { matches, termCount }: MessageFilter): ChecksMessage {
  const { checks } = report;
  if (termCount === 0 || !Array.isArray(checks)) return report;
  return { ...report, checks: checks.filter((check: object) => matches(check)) };
}
