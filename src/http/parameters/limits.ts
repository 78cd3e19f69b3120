/** Bounds of the `fields` parameter. */
export interface FieldsLimits {
  /** Its text, UTF-16 units. */
  readonly lengthMax: number;
  /** Steps of a path, those of the groups around it included. */
  readonly depthMax: number;
}

export const DEFAULT_FIELDS_LIMITS: FieldsLimits = {
  // Each path of our largest response several times over. What comes in a body with a method override has no URL's bound.
  lengthMax: 16 * 1024,
  // As deep as JSON is read.
  depthMax: 32,
};
