import { describe, expect, it } from 'vitest';
import { HubSpotError } from '../../../functions/errors.ts';
import { createCircuit } from '../../../functions/hubspot/circuit.ts';

const down = new HubSpotError('HubSpot answered 503', { status: 503 });

function setUp() {
  let now = 0;
  const circuit = createCircuit(() => now);
  const isOpen = (portalId = '1') => {
    try {
      circuit.check(portalId);
      return false;
    } catch (error) {
      expect(error).toMatchObject({ name: 'HubSpotError', retryAfterMs: expect.any(Number) });
      return true;
    }
  };
  const failThree = () => {
    for (const path of ['/a', '/b', '/c']) circuit.failed('1', path, down);
  };
  return { circuit, isOpen, failThree, wait: (ms: number) => (now += ms) };
}

describe('the circuit', () => {
  it('stays closed while one path fails, however often', () => {
    const { circuit, isOpen } = setUp();

    for (let i = 0; i < 10; i++) circuit.failed('1', '/a', down);

    expect(isOpen()).toBe(false);
  });

  it('stays closed while something is answered between the failures', () => {
    const { circuit, isOpen } = setUp();

    circuit.failed('1', '/a', down);
    circuit.failed('1', '/b', down);
    circuit.closed('1');
    circuit.failed('1', '/c', down);

    expect(isOpen()).toBe(false);
  });

  it('opens when three paths have failed, lets one caller try after half a minute, and closes with an answer', () => {
    const { circuit, isOpen, failThree, wait } = setUp();
    failThree();

    expect(isOpen()).toBe(true);
    wait(29_999);
    expect(isOpen()).toBe(true);
    wait(1);
    expect([isOpen(), isOpen()]).toEqual([false, true]);

    circuit.closed('1');
    expect([isOpen(), isOpen()]).toEqual([false, false]);
  });

  it('stays open twice as long after each trial that fails, five minutes at most', () => {
    const { circuit, isOpen, failThree, wait } = setUp();
    failThree();

    const pauses = [30, 60, 120, 240, 300, 300].map((seconds) => {
      wait(seconds * 1000 - 1);
      const before = isOpen();
      wait(1);
      const after = isOpen();
      circuit.failed('1', '/a', down);
      return [before, after];
    });

    expect(pauses).toEqual(Array.from({ length: 6 }, () => [true, false]));
  });

  it('opens at once for as long as HubSpot says', () => {
    const { circuit, isOpen, wait } = setUp();

    circuit.failed('1', '/a', new HubSpotError('moving', { status: 477, retryAfterMs: 3_600_000 }));

    wait(3_599_999);
    expect(isOpen()).toBe(true);
    wait(1);
    expect(isOpen()).toBe(false);
  });

  it.each([0, 1_000])(
    'stays open longer each time also when HubSpot says %i ms each time',
    (retryAfterMs) => {
      const { circuit, isOpen, wait } = setUp();
      const soon = new HubSpotError('HubSpot answered 503', { status: 503, retryAfterMs });
      circuit.failed('1', '/a', soon);
      wait(retryAfterMs);

      let trials = 0;
      for (let second = 0; second < 3_600; second++) {
        if (!isOpen()) {
          trials++;
          circuit.failed('1', '/a', soon);
        }
        wait(1_000);
      }

      expect(trials).toBeLessThanOrEqual(16);
    },
  );

  it('costs at most 16 trials an hour while HubSpot is down', () => {
    const { circuit, isOpen, failThree, wait } = setUp();
    failThree();
    wait(3_600_000);

    let trials = 0;
    for (let second = 0; second < 3_600; second++) {
      if (!isOpen()) {
        trials++;
        circuit.failed('1', '/a', down);
      }
      wait(1_000);
    }

    expect(trials).toBeLessThanOrEqual(16);
  });
});
