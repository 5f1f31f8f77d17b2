package picture

const (
	// maxSide is the longest side in pixels: what browsers still paint.
	maxSide = 16_384

	// maxPixels bounds what a picture takes unpacked in each member's browser, four octets a
	// pixel: 256 MiB. The cameras of most telephones make 12 to 50 million.
	maxPixels = 64 << 20
)
