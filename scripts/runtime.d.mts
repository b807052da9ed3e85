import type { ChildProcess } from 'node:child_process';

export const root: string;
export const serverFlags: string[];
export function fail(sentence: string): never;
export function checkMachine(): void;
export function installIfNeeded(): void;
export function whyInstall(folder?: string): string | null;
export function findNode(): string;
export function buildWebIfStale(node: string): void;
export function follow(children: ChildProcess[]): void;
