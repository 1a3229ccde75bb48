/** A number as it is read, whole and with commas: `10,000`. */
export function numeral(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
