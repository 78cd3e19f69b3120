/** The rules of Google's API improvement proposals that bind a server of google.longrunning.Operations. */

export const AIP_151 = {
  'aip-151.service': 'APIs with messages that return `Operation` must implement the `Operations` service.',
  'aip-151.type':
    'The response type must be `google.longrunning.Operation`. The `Operation` proto definition must not be copied into individual APIs.',
  'aip-151.stream': 'The response must not be a streaming response.',
  'aip-151.info':
    'The method must include a `google.longrunning.operation_info` annotation, which must define both response and metadata types.',
  'aip-151.metadata':
    'The metadata type is used to provide information such as progress, partial failures, and similar information on each `GetOperation` call.',
  'aip-151.own-interfaces':
    'Individual APIs must not define their own interfaces for long-running operations to avoid non-uniformity.',
  'aip-151.resource':
    'When creating or deleting a resource with a long-running operation, the resource should be included in `List` and `Get` calls; however, the resource should indicate that it is not usable, generally with a state enum.',
  'aip-151.queue':
    'Resources that accept multiple parallel operations may place them in a queue rather than work on the operations simultaneously.',
  'aip-151.parallel':
    'Resources that do not permit multiple operations in parallel (denying any new operation until the one that is in progress finishes) must return `ABORTED` if a user attempts a parallel operation, and include an error message explaining the situation.',
  'aip-151.preempt':
    'Resources with declarative-friendly APIs may allow subsequent updates to preempt existing operations.',
  'aip-151.expiry':
    'APIs may allow their operation resources to expire after sufficient time has elapsed after the operation completed.',
  'aip-151.expiry-days': 'A good rule of thumb for operation expiry is 30 days.',
  'aip-151.start':
    'Errors that prevent a long-running operation from starting must return an error response (AIP-193), similar to any other method.',
  'aip-151.metadata-errors':
    'Errors that occur over the course of an operation may be placed in the metadata message. The errors themselves must still be represented with a google.rpc.Status object.',
  'aip-151.types':
    'Changing either the `response_type` or `metadata_type` of a long-running operation is a breaking change.',
} as const;

export const AIP_158 = {
  'aip-158.outset': 'RPCs returning collections of data must provide pagination at the outset',
  'aip-158.size-optional': 'The `page_size` field must not be required.',
  'aip-158.size-default':
    'If the user does not specify `page_size` (or specifies `0`), the API chooses an appropriate default, which the API should document. The API must not return an error.',
  'aip-158.size-coerced':
    'If the user specifies `page_size` greater than the maximum permitted by the API, the API should coerce down to the maximum permitted page size.',
  'aip-158.size-negative':
    'If the user specifies a negative value for `page_size`, the API must send an `INVALID_ARGUMENT` error.',
  'aip-158.short':
    'The API may return fewer results than the number requested (including zero results), even if not at the end of the collection.',
  'aip-158.token-optional': 'The `page_token` field must not be required.',
  'aip-158.size-changed':
    'If the user changes the `page_size` in a request for subsequent pages, the service must honor the new page size.',
  'aip-158.arguments':
    'The user is expected to keep all other arguments to the RPC the same; if any arguments are different, the API should send an `INVALID_ARGUMENT` error.',
  'aip-158.stream': 'The response must not be a streaming response.',
  'aip-158.end': 'If the end of the collection has been reached, the `next_page_token` field must be empty.',
  'aip-158.more':
    'If the end of the collection has not been reached (or if the API can not determine in time), the API must provide a `next_page_token`.',
  'aip-158.opaque':
    'Page tokens provided by APIs must be opaque (but URL-safe) strings, and must not be user-parseable.',
  'aip-158.only-place':
    'Page tokens must be limited to providing an indication of where to continue the pagination process only.',
  'aip-158.no-authorization':
    'They must not provide any form of authorization to the underlying resources, and authorization must be performed on the request as with any other regardless of the presence of a page token.',
  'aip-158.token-expiry':
    'APIs may expire page tokens a reasonable time after they have been sent, in order not to needlessly store large amounts of data that is unlikely to be used.',
  'aip-158.default-finite': 'they must be actually implemented with a non-infinite default value.',
} as const;

export const AIP_160 = {
  'aip-160.literal':
    "Literals appearing alone (with no specified field) should usually be matched anywhere it may appear in an object's field values.",
  'aip-160.literal-fields':
    'However, a service may choose to only consider certain fields; if so, it must document which fields it considers.',
  'aip-160.sequence': 'Literals separated by whitespace are considered to have a fuzzy variant of `AND`.',
  'aip-160.and': '`a AND b`: True if `a` and `b` are true.',
  'aip-160.or': '`a OR b OR c`: True if any of `a`, `b`, `c` are true.',
  'aip-160.precedence': 'The expression `a AND b OR c` evaluates: `a AND (b OR c)`.',
  'aip-160.no-parentheses':
    'API documentation and examples should encourage the use of explicit parentheses to avoid confusion, but should not require explicit parentheses.',
  'aip-160.negation': 'a service that supports negation must support both formats.',
  'aip-160.comparison':
    'Filtering implementations should provide the binary comparison operators `=`, `!=`, `<`, `>`, `<=`, and `>=` for string, numeric, timestamp, and duration fields (but should not provide them for booleans or enums).',
  'aip-160.left-hand':
    'field names must appear on the left-hand side of a comparison operator; the right-hand side only accepts literals and logical operators.',
  'aip-160.enum': "Enums expect the enum's string representation (case-sensitive).",
  'aip-160.boolean': 'Booleans expect `true` and `false` literal values.',
  'aip-160.number':
    'Numbers expect the standard integer or float representations. For floats, exponents are supported (e.g. `2.997e9`).',
  'aip-160.duration':
    'Durations expect a numeric representation followed by an `s` suffix (for seconds). Examples: `20s`, `1.2s`.',
  'aip-160.timestamp':
    'Timestamps expect an RFC-3339 formatted string (e.g. `2012-04-21T11:30:00-04:00`). UTC offsets are supported.',
  'aip-160.wildcard':
    'Additionally, when comparing strings for equality, services should support wildcards using the `*` character; for example, `a = "*.foo"` is true if `a` ends with ".foo".',
  'aip-160.traversal':
    'Filtering implementations should provide the `.` operator, which indicates traversal through a message, map, or struct.',
  'aip-160.field-names': 'Traversal must be written using the field names from the resource.',
  'aip-160.undefined-field':
    'If a user attempts to traverse to a field that is not defined on the message, the service should return an error with `INVALID_ARGUMENT`.',
  'aip-160.repeated':
    'The `.` operator must not be used to traverse through a repeated field or list, except for specific use with the `:` operator.',
  'aip-160.has': 'Filtering implementations must provide the `:` operator, which means "has".',
  'aip-160.present':
    'When traversing messages, a field is only considered to be present if it has a non-default value.',
  'aip-160.function':
    'An API may define a function using the `call(arg...)` syntax, and must document any specific functions it supports.',
  'aip-160.limits': 'Further structure or limitations must be clearly documented',
  'aip-160.invalid': 'a non-compliant filter query must error with `INVALID_ARGUMENT`.',
} as const;

export const AIP_193 = {
  'aip-193.status':
    'Services must return a `google.rpc.Status` message when an API error occurs, and must use the canonical error codes defined in `google.rpc.Code`.',
  'aip-193.message': 'For each error the service must populate the `message` string in `google.rpc.Status`',
  'aip-193.once': 'Each type of detail payload must be included at most once.',
  'aip-193.info': 'All error responses must include an `ErrorInfo` payload in `details`.',
  'aip-193.variables':
    'Variable information should be included in `metadata` in `ErrorInfo` and must be included if it appears within an error message.',
  'aip-193.reason':
    'Be at most 63 characters and match a regular expression of `[A-Z][A-Z0-9_]+[A-Z0-9]`, which represents UPPER_SNAKE_CASE.',
  'aip-193.domain': 'The domain must be a globally unique value.',
  'aip-193.keys': 'Keys should match `[a-zA-Z0-9-_]` and be limited to 64 characters in length.',
} as const;
