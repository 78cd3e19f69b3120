/** Bounds of lists of URLs and what they name. Sizes are bytes, times milliseconds. */
export interface HttpListLimits {
  /** Of the list itself. */
  readonly listSizeBytesMax: number;
  /** Objects of one list, held in memory, sorted: about 250 bytes each. */
  readonly objectCountMax: number;
  /** "up to 5" redirects, each checked as the first address was. */
  readonly redirectCountMax: number;
  /** Objects of one page of a listing. */
  readonly listPageCountMax: number;
  /** Objects whose size the list does not tell, asked for at the same time. */
  readonly sizeQuestionsInFlightMax: number;
  /** Of a robots.txt, whose rest is not looked at. RFC 9309, 2.5: "at least 500 kibibytes". */
  readonly robotsSizeBytesMax: number;
  /** How long a robots.txt is kept. RFC 9309, 2.4: "SHOULD NOT use the cached version for more than 24 hours". */
  readonly robotsAgeMaxMs: number;
  /** Hosts whose robots.txt is kept; beyond it the one asked first is forgotten. */
  readonly robotsHostCountMax: number;
  /** One robots.txt is waited for so long. */
  readonly robotsTimeoutMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_HTTP_LIST_LIMITS: HttpListLimits = Object.freeze({
  listSizeBytesMax: 256 * MIB,
  objectCountMax: 1_000_000,
  redirectCountMax: 5,
  listPageCountMax: 1000,
  sizeQuestionsInFlightMax: 16,
  robotsSizeBytesMax: 512 * KIB,
  robotsAgeMaxMs: 24 * 3_600_000,
  robotsHostCountMax: 1000,
  robotsTimeoutMs: 30_000,
});
