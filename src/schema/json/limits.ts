/** Bounds of what a JSON text may ask of its reader. */
export interface ProtoJsonLimits {
  /** A text, UTF-16 units; larger ones are refused before they are looked at. */
  readonly textLengthMax: number;
  /** Objects and lists within each other. */
  readonly depthMax: number;
  /** Values in one text, members of objects and lists included; also parameters of one query. */
  readonly valueCountMax: number;
  /** Of a FieldMask, UTF-16 units. */
  readonly fieldMaskLengthMax: number;
  /** Mistakes that are told at once; reading goes on behind them, unheard. */
  readonly violationCountMax: number;
}

export const DEFAULT_PROTO_JSON_LIMITS: ProtoJsonLimits = {
  // What gRPC takes of a message, so that no surface takes more than the other.
  textLengthMax: 4 * 1024 * 1024,
  // protobufjs decodes 100 messages within each other, and a level of a Struct's JSON is two of them.
  depthMax: 32,
  // Some 5 µs each until their message is encoded again, in which nobody else is answered: a quarter of a second. What is stored of a message, 1 MiB,
  // is twice as many numbers; a text of empty lists alone would hold a million.
  valueCountMax: 50_000,
  // Each path of our largest message several times over.
  fieldMaskLengthMax: 64 * 1024,
  // Enough to mend a request in one go, few enough for the header that carries them over gRPC.
  violationCountMax: 16,
};
