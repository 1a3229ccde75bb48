import { numeral } from '../local/numeral.ts';
import { ARCHIVES, describeCosts } from './describe-costs.ts';
import { measureSizes } from './measure-sizes.ts';

const MESSAGES = Number(process.env['COSTS_MESSAGES'] ?? 100_000);

/**
 * `npm run costs`: what the saved queries take in Athena, and cost, by sizes that are measured here and a model of what
 * Athena reads. Not a part of `npm run bench`, as nothing of it is good or bad. Fewer messages: `COSTS_MESSAGES=20000`.
 */
const sizes = await measureSizes(MESSAGES);
console.log(
  `sizes, measured in an archive of ${numeral(MESSAGES)} messages:\n${JSON.stringify(sizes, undefined, 2)}`,
);
for (const messages of ARCHIVES) {
  console.log(`\n${numeral(messages)} messages in a year:\n${describeCosts(sizes, messages)}`);
}
