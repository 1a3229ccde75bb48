import { execFileSync } from 'node:child_process';

/** Whether a program can be called here, with an argument that has it say something harmless. */
export function hasProgram(program: string, argument: string): boolean {
  try {
    execFileSync(program, [argument], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
