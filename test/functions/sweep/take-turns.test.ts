import { expect, it } from 'vitest';
import { takeTurns } from '../../../functions/sweep/take-turns.ts';

it('has every account go first in its turn', () => {
  const orders = [0, 5, 10, 15].map((minutes) => takeTurns(['1', '2', '3'], minutes * 60_000).join(''));

  expect(orders).toEqual(['123', '231', '312', '123']);
});
