export default function preload(): void {}
