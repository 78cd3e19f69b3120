/** Of every answer: it is the caller's own, is asked for again each time, and is what its type says (JSON is no page). */
export const ANSWER_HEADERS = { 'cache-control': 'private, no-cache', 'x-content-type-options': 'nosniff' } as const;
