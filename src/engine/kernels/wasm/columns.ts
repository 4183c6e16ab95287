/** @file The windows of an image as columns of a matrix, and back: calls with a window's sizes spelled out. */
import type { Window } from '../../window.ts'
import type { WasmExports } from './wasm-exports.ts'

export interface Columns {
  /** Rows kFrom to kEnd of the matrix, at the places of rows ohFrom to ohEnd. */
  gather(
    columns: number, // (kEnd - kFrom, (ohEnd - ohFrom) * OW)
    x: number, // (channels, H, W)
    kFrom: number,
    kEnd: number,
    ohFrom: number,
    ohEnd: number,
    window: Window,
  ): void
  /** dx = what all columns of a pixel add up to. */
  scatter(
    dx: number, // (channels, H, W)
    columns: number, // (channels * kH * kW, OH * OW)
    channels: number,
    window: Window,
  ): void
}

export function columnsOf(wasm: WasmExports): Columns {
  return {
    gather(columns, x, kFrom, kEnd, ohFrom, ohEnd, { H, W, kH, kW, sH, sW, pH, pW, OW }) {
      wasm.gatherColumns(columns, x, kFrom, kEnd, ohFrom, ohEnd, H, W, kH, kW, sH, sW, pH, pW, OW)
    },
    scatter(dx, columns, channels, { H, W, kH, kW, sH, sW, pH, pW, OH, OW }) {
      wasm.scatterColumns(dx, columns, channels, H, W, kH, kW, sH, sW, pH, pW, OH, OW)
    },
  }
}
