/**
 * @file The sizes of a convolution, and what follows from them alone: by which of two ways the fast tables
 * compute it, and the scratch that takes.
 *
 *   columns     any window: those of one image as the columns of a matrix, then one product
 *   tiles       3 x 3 in steps of one: 2 x 2 outputs at a time take 16 multiplications instead of 36
 *
 * Reference for tiles: Lavin and Gray, https://arxiv.org/abs/1509.09308
 */
import type { Window } from '../window.ts'

export interface ConvolutionSizes extends Window {
  /** Channels coming in and going out, and the groups they come in. */
  readonly I: number
  readonly O: number
  readonly G: number
  /** Of y, and of dx, which is computed as dy convolved with the turned weight. Null for columns. */
  readonly tiles: { readonly forward: TileGrid; readonly backward: TileGrid } | null
}

/** An image in tiles of 2 x 2, and how many are taken at a time: some rows, or several whole images. */
export interface TileGrid {
  readonly TH: number
  readonly TW: number
  readonly rows: number
  readonly images: number
}

/**
 * With fewer channels the transforms cost more than they save; and dweight's matrices, padded to whole
 * cache lines, would not fit the scratch below.
 */
const minChannels = 16
/** A tile's 16 numbers for 192 tiles and 100 channels are a megabyte: what a core's cache holds. */
const tilesAtOnce = 192
/** A transform keeps four rows of an image in a thread's workspace. */
const maxWidth = 8192

export function convolutionSizes(
  I: number,
  O: number,
  G: number,
  window: Window,
): ConvolutionSizes {
  const { H, W, kH, kW, sH, sW, pH, pW, OH, OW } = window
  const fits = kH === 3 && kW === 3 && sH === 1 && sW === 1 && pH <= 2 && pW <= 2
  const pays = G === 1 && I >= minChannels && O >= minChannels && Math.max(W, OW) <= maxWidth
  const tiles = fits && pays ? { forward: gridOf(OH, OW), backward: gridOf(H, W) } : null
  return { ...window, I, O, G, tiles }
}

function gridOf(height: number, width: number): TileGrid {
  const TH = Math.ceil(height / 2)
  const TW = Math.ceil(width / 2)
  const bands = Math.ceil((TH * TW) / tilesAtOnce)
  return {
    TH,
    TW,
    rows: Math.ceil(TH / Math.min(TH, bands)),
    images: Math.max(1, Math.floor(tilesAtOnce / (TH * TW))),
  }
}

/** What of a thread's tiles lies before row `th`, slack included. In numbers of a channel. */
export function tilesBefore(th: number, { TW, images }: TileGrid): number {
  return th * (TW * images + 8)
}

/** The distance from a channel's tiles to the next one's: vectors of four may reach beyond the last. */
export function channelStride(tiles: number): number {
  return Math.ceil((tiles + 3) / 4) * 4
}

/**
 * From one of the sixteen matrices to the next: an odd number of cache lines, for sixteen that are a
 * power of two apart would meet in one set of the cache (transforming 64 x 32 weights: 103 to 12 us).
 */
export function matrixStride(numbers: number): number {
  return (Math.ceil(numbers / 16) | 1) * 16
}

/** Elements. */
export function convolutionScratch(sizes: ConvolutionSizes): number {
  const { I, O, G, kH, kW, OH, OW, tiles } = sizes
  // The columns of an image, and the sums of dweight over images.
  if (!tiles) return I * kH * kW * (OH * OW + O / G)
  const size = (grid: TileGrid) => tilesBefore(grid.TH, grid)
  // The transformed weight, and both sides of the product for a thread's tiles.
  return 16 * (matrixStride(I * O) + (I + O) * Math.max(size(tiles.forward), size(tiles.backward)))
}

/** Floating point operations for one image, each way; the transforms of tiles included. */
export function convolutionFlops(sizes: ConvolutionSizes): { forward: number; backward: number } {
  const { I, O, G, kH, kW, OH, OW, tiles } = sizes
  if (!tiles) {
    const products = 2 * (I / G) * O * kH * kW * OH * OW
    return { forward: products, backward: 2 * products }
  }
  // 16 products for each pair of channels; 32 operations on a tile coming in, 24 on one going out.
  const operations = ({ TH, TW }: TileGrid, from: number, to: number) =>
    TH * TW * (2 * 16 * from * to + 32 * from + 24 * to)
  const forward = operations(tiles.forward, I, O)
  return { forward, backward: operations(tiles.backward, O, I) + forward }
}
