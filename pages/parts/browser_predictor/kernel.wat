;; The layers that kernel.js describes, for WebAssembly with SIMD: one call a layer.
;;
;; kernel.wasm is made from this file with WABT, https://github.com/WebAssembly/wabt (a package of that name is on npm):
;;
;;     npx --package wabt wat2wasm kernel.wat -o kernel.wasm
;;
;; A test makes it again and compares. All numbers are float32, all places are bytes from the start of the memory.

(module
  (import "kernel" "memory" (memory 1))

  ;; Of each pixel of the target: max(lowest, bias + the weighted sum of the source's pixels in its window).
  ;;
  ;; 32 outputs at a time, then what is left, four or one at a time. For these outputs and one row of the window, all pixels are
  ;; summed up before the next row, which uses few weights many times.
  ;;
  ;; The source's height and width are those with its margin. At $starts is room for 4 bytes for each of its pixels and 4 more;
  ;; at the start of the memory is room for 8 bytes for each of its numbers.
  (func (export "convolution")
    (param $source i32) (param $sourceHeight i32) (param $sourceWidth i32) (param $sourceChannels i32)
    (param $window i32) (param $weights i32) (param $bias i32) (param $lowest f32)
    (param $target i32) (param $targetRow i32) (param $targetChannels i32)    ;; $targetRow: bytes
    (param $starts i32)
    (local $stride i32)          ;; bytes of the weights of one input, and of the outputs of one pixel
    (local $pixelWeights i32)    ;; bytes of the weights of one pixel
    (local $column i32)          ;; bytes from a pixel's first output to those that are summed up
    (local $left i32)            ;; bytes from there to the end of the pixel's outputs
    (local $width i32)           ;; bytes of the outputs that are summed up
    (local $row i32) (local $y i32) (local $x i32)
    (local $pixel i32)           ;; the first pixel of a row of the window, counted from the frame's first
    (local $start i32)           ;; where the list says where that pixel's inputs begin
    (local $rowWeights i32)      ;; the weights of that row of the window, for the first pixel of the frame
    (local $output i32)
    (local $floor f32)

    (local.set $stride (i32.shl (local.get $targetChannels) (i32.const 2)))
    (local.set $pixelWeights (i32.mul (local.get $sourceChannels) (local.get $stride)))
    (call $list (local.get $source) (i32.mul (local.get $sourceHeight) (local.get $sourceWidth))
      (local.get $sourceChannels) (local.get $stride) (local.get $starts))

    (loop $nextColumn
      (local.set $left (i32.sub (local.get $stride) (local.get $column)))
      (local.set $width (select (i32.const 128)
        (select (i32.const 16) (i32.const 4) (i32.ge_u (local.get $left) (i32.const 16)))
        (i32.ge_u (local.get $left) (i32.const 128))))
      (local.set $row (i32.const 0))
      (loop $nextRow
        (local.set $rowWeights (i32.add (i32.add (local.get $weights) (local.get $column))
          (i32.mul (i32.mul (local.get $row) (local.get $window)) (local.get $pixelWeights))))
        ;; Only the sum of all rows has a lowest value.
        (local.set $floor (select (local.get $lowest) (f32.const -inf)
          (i32.eq (i32.add (local.get $row) (i32.const 1)) (local.get $window))))
        (local.set $y (i32.const 0))
        (loop $nextY
          (local.set $pixel (i32.mul (i32.add (local.get $y) (local.get $row)) (local.get $sourceWidth)))
          (local.set $output (i32.add (i32.add (local.get $target) (local.get $column))
            (i32.mul (local.get $y) (local.get $targetRow))))
          (local.set $x (i32.const 0))
          (loop $nextX
            (local.set $start (i32.add (local.get $starts) (i32.shl (local.get $pixel) (i32.const 2))))
            (call $add
              ;; The pixels of a row of the window are neighbours in the list as well.
              (i32.load (local.get $start))
              (i32.load (i32.add (local.get $start) (i32.shl (local.get $window) (i32.const 2))))
              ;; The list counts weights from the frame's first pixel on. Those of $pixel are the first of the row.
              (i32.sub (local.get $rowWeights) (i32.mul (local.get $pixel) (local.get $pixelWeights)))
              (select (local.get $output) (i32.add (local.get $bias) (local.get $column)) (local.get $row))
              (local.get $output) (local.get $width) (local.get $floor))
            (local.set $output (i32.add (local.get $output) (local.get $stride)))
            (local.set $pixel (i32.add (local.get $pixel) (i32.const 1)))
            (local.set $x (i32.add (local.get $x) (i32.const 1)))
            (br_if $nextX (i32.le_u (i32.add (local.get $x) (local.get $window)) (local.get $sourceWidth))))
          (local.set $y (i32.add (local.get $y) (i32.const 1)))
          (br_if $nextY (i32.le_u (i32.add (local.get $y) (local.get $window)) (local.get $sourceHeight))))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br_if $nextRow (i32.lt_u (local.get $row) (local.get $window))))
      (local.set $column (i32.add (local.get $column) (local.get $width)))
      (br_if $nextColumn (i32.lt_u (local.get $column) (local.get $stride)))))

  ;; List the inputs of all pixels that are not 0: (place of the weights, value), 8 bytes each, from the start of the memory on. The
  ;; place counts from the weights of the first input. At $starts stands where each pixel's inputs begin, and where the last
  ;; pixel's end.
  (func $list
    (param $input i32) (param $pixels i32) (param $channels i32) (param $stride i32) (param $starts i32)
    (local $end i32)       ;; of the pixel's inputs
    (local $entry i32)
    (local $weights i32)
    (local $value f32)
    (loop $nextPixel
      (i32.store (local.get $starts) (local.get $entry))
      (local.set $starts (i32.add (local.get $starts) (i32.const 4)))
      (local.set $end (i32.add (local.get $input) (i32.shl (local.get $channels) (i32.const 2))))
      (loop $nextInput
        ;; Every input is written, and the entry is overwritten by the next one if the input was 0; so there is no branch for the
        ;; processor to mispredict.
        (local.set $value (f32.load (local.get $input)))
        (i32.store (local.get $entry) (local.get $weights))
        (f32.store offset=4 (local.get $entry) (local.get $value))
        (local.set $entry (i32.add (local.get $entry)
          (i32.shl (f32.ne (local.get $value) (f32.const 0)) (i32.const 3))))
        (local.set $weights (i32.add (local.get $weights) (local.get $stride)))
        (local.set $input (i32.add (local.get $input) (i32.const 4)))
        (br_if $nextInput (i32.lt_u (local.get $input) (local.get $end))))
      (local.set $pixels (i32.sub (local.get $pixels) (i32.const 1)))
      (br_if $nextPixel (local.get $pixels)))
    (i32.store (local.get $starts) (local.get $entry)))

  ;; output[j] = max(lowest, from[j] + sum over the list's entries of value * weights[place + j])    for $width bytes: 128, 16 or 4
  (func $add
    (param $entry i32) (param $listEnd i32) (param $weights i32)
    (param $from i32) (param $output i32) (param $width i32) (param $lowest f32)
    (local $row i32)       ;; the weights of an entry
    (local $sum f32)
    (local $input v128) (local $floor v128)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128) (local $sum3 v128)
    (local $sum4 v128) (local $sum5 v128) (local $sum6 v128) (local $sum7 v128)
    ;; pmax is the maximum as a processor computes it, in one step.
    (local.set $floor (f32x4.splat (local.get $lowest)))

    (if (i32.eq (local.get $width) (i32.const 128))
      (then
        ;; 32 sums stay in eight registers while all entries pass by.
        (local.set $sum0 (v128.load offset=0 (local.get $from)))
        (local.set $sum1 (v128.load offset=16 (local.get $from)))
        (local.set $sum2 (v128.load offset=32 (local.get $from)))
        (local.set $sum3 (v128.load offset=48 (local.get $from)))
        (local.set $sum4 (v128.load offset=64 (local.get $from)))
        (local.set $sum5 (v128.load offset=80 (local.get $from)))
        (local.set $sum6 (v128.load offset=96 (local.get $from)))
        (local.set $sum7 (v128.load offset=112 (local.get $from)))
        (block $summed
          (loop $next
            (br_if $summed (i32.ge_u (local.get $entry) (local.get $listEnd)))
            (local.set $row (i32.add (i32.load (local.get $entry)) (local.get $weights)))
            (local.set $input (v128.load32_splat offset=4 (local.get $entry)))
            (local.set $sum0 (f32x4.add (local.get $sum0) (f32x4.mul (local.get $input) (v128.load offset=0 (local.get $row)))))
            (local.set $sum1 (f32x4.add (local.get $sum1) (f32x4.mul (local.get $input) (v128.load offset=16 (local.get $row)))))
            (local.set $sum2 (f32x4.add (local.get $sum2) (f32x4.mul (local.get $input) (v128.load offset=32 (local.get $row)))))
            (local.set $sum3 (f32x4.add (local.get $sum3) (f32x4.mul (local.get $input) (v128.load offset=48 (local.get $row)))))
            (local.set $sum4 (f32x4.add (local.get $sum4) (f32x4.mul (local.get $input) (v128.load offset=64 (local.get $row)))))
            (local.set $sum5 (f32x4.add (local.get $sum5) (f32x4.mul (local.get $input) (v128.load offset=80 (local.get $row)))))
            (local.set $sum6 (f32x4.add (local.get $sum6) (f32x4.mul (local.get $input) (v128.load offset=96 (local.get $row)))))
            (local.set $sum7 (f32x4.add (local.get $sum7) (f32x4.mul (local.get $input) (v128.load offset=112 (local.get $row)))))
            (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
            (br $next)))
        (v128.store offset=0 (local.get $output) (f32x4.pmax (local.get $sum0) (local.get $floor)))
        (v128.store offset=16 (local.get $output) (f32x4.pmax (local.get $sum1) (local.get $floor)))
        (v128.store offset=32 (local.get $output) (f32x4.pmax (local.get $sum2) (local.get $floor)))
        (v128.store offset=48 (local.get $output) (f32x4.pmax (local.get $sum3) (local.get $floor)))
        (v128.store offset=64 (local.get $output) (f32x4.pmax (local.get $sum4) (local.get $floor)))
        (v128.store offset=80 (local.get $output) (f32x4.pmax (local.get $sum5) (local.get $floor)))
        (v128.store offset=96 (local.get $output) (f32x4.pmax (local.get $sum6) (local.get $floor)))
        (v128.store offset=112 (local.get $output) (f32x4.pmax (local.get $sum7) (local.get $floor)))
        (return)))

    (if (i32.eq (local.get $width) (i32.const 16))
      (then
        (local.set $sum0 (v128.load (local.get $from)))
        (block $summed
          (loop $next
            (br_if $summed (i32.ge_u (local.get $entry) (local.get $listEnd)))
            (local.set $sum0 (f32x4.add (local.get $sum0) (f32x4.mul
              (v128.load32_splat offset=4 (local.get $entry))
              (v128.load (i32.add (i32.load (local.get $entry)) (local.get $weights))))))
            (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
            (br $next)))
        (v128.store (local.get $output) (f32x4.pmax (local.get $sum0) (local.get $floor)))
        (return)))

    (local.set $sum (f32.load (local.get $from)))
    (block $summed
      (loop $next
        (br_if $summed (i32.ge_u (local.get $entry) (local.get $listEnd)))
        (local.set $sum (f32.add (local.get $sum) (f32.mul
          (f32.load offset=4 (local.get $entry))
          (f32.load (i32.add (i32.load (local.get $entry)) (local.get $weights))))))
        (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
        (br $next)))
    (f32.store (local.get $output) (f32.max (local.get $sum) (local.get $lowest))))

  ;; The largest of 2x2 pixels of the source, by channel. $sourceRow, $targetRow: bytes. Height and width are the target's.
  (func (export "pooling")
    (param $source i32) (param $sourceRow i32) (param $target i32) (param $targetRow i32)
    (param $height i32) (param $width i32) (param $channels i32)
    (local $pixel i32)                        ;; bytes of one pixel
    (local $x i32)
    (local $output i32) (local $end i32)      ;; of the pixel's outputs
    (local $left i32) (local $right i32)      ;; the two upper pixels
    (local $lowerLeft i32) (local $lowerRight i32)
    (local.set $pixel (i32.shl (local.get $channels) (i32.const 2)))
    (loop $nextY
      (local.set $left (local.get $source))
      (local.set $output (local.get $target))
      (local.set $x (local.get $width))
      (loop $nextX
        (local.set $right (i32.add (local.get $left) (local.get $pixel)))
        (local.set $lowerLeft (i32.add (local.get $left) (local.get $sourceRow)))
        (local.set $lowerRight (i32.add (local.get $right) (local.get $sourceRow)))
        (local.set $end (i32.add (local.get $output) (local.get $pixel)))
        (block $done4
          (loop $next4
            (br_if $done4 (i32.gt_u (i32.add (local.get $output) (i32.const 16)) (local.get $end)))
            (v128.store (local.get $output) (f32x4.pmax
              (f32x4.pmax (v128.load (local.get $left)) (v128.load (local.get $right)))
              (f32x4.pmax (v128.load (local.get $lowerLeft)) (v128.load (local.get $lowerRight)))))
            (local.set $left (i32.add (local.get $left) (i32.const 16)))
            (local.set $right (i32.add (local.get $right) (i32.const 16)))
            (local.set $lowerLeft (i32.add (local.get $lowerLeft) (i32.const 16)))
            (local.set $lowerRight (i32.add (local.get $lowerRight) (i32.const 16)))
            (local.set $output (i32.add (local.get $output) (i32.const 16)))
            (br $next4)))
        (block $done1
          (loop $next1
            (br_if $done1 (i32.ge_u (local.get $output) (local.get $end)))
            (f32.store (local.get $output) (f32.max
              (f32.max (f32.load (local.get $left)) (f32.load (local.get $right)))
              (f32.max (f32.load (local.get $lowerLeft)) (f32.load (local.get $lowerRight)))))
            (local.set $left (i32.add (local.get $left) (i32.const 4)))
            (local.set $right (i32.add (local.get $right) (i32.const 4)))
            (local.set $lowerLeft (i32.add (local.get $lowerLeft) (i32.const 4)))
            (local.set $lowerRight (i32.add (local.get $lowerRight) (i32.const 4)))
            (local.set $output (i32.add (local.get $output) (i32.const 4)))
            (br $next1)))
        (local.set $left (local.get $right))
        (local.set $x (i32.sub (local.get $x) (i32.const 1)))
        (br_if $nextX (local.get $x)))
      (local.set $source (i32.add (local.get $source) (i32.shl (local.get $sourceRow) (i32.const 1))))
      (local.set $target (i32.add (local.get $target) (local.get $targetRow)))
      (local.set $height (i32.sub (local.get $height) (i32.const 1)))
      (br_if $nextY (local.get $height)))))
