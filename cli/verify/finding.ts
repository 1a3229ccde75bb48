/**
 * What kind of difference it is. `missing`: listed and not there, without an erasure on record. `altered`: there with another
 * content. `unlisted`: there, and no digest lists it. `hidden`: a delete marker lies over it. `broken chain`: a digest is
 * missing, or not where or what the others say. `bad signature`: a digest that no trusted key signed as it is. `gap in time`:
 * no digest for longer than there should be.
 */
export const FINDING_KINDS = [
  'missing',
  'altered',
  'unlisted',
  'hidden',
  'broken chain',
  'bad signature',
  'gap in time',
] as const;

/** One difference, of a kind of {@link FINDING_KINDS} or of a comparison with HubSpot. Ids and keys alone, no content. */
export type Finding = { kind: string; key: string; versionId: string | null; detail: string };
