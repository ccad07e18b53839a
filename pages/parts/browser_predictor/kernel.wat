;; Weighted sums of many inputs, four at a time: the function that kernel.js describes, for WebAssembly with SIMD.
;;
;;     outputs[j] += sum over k < count of inputs[k] * weights[k * width + j]     for all j < width
;;
;; kernel.wasm is made from this file with WABT, https://github.com/WebAssembly/wabt (a package of that name is on npm):
;;
;;     npx --package wabt wat2wasm kernel.wat -o kernel.wasm
;;
;; A test makes it again and compares. All numbers are float32, all places are bytes from the start of the memory.

(module
  (import "kernel" "memory" (memory 1))

  ;; $list: room for 8 bytes for each input.
  (func (export "accumulate")
    (param $inputs i32) (param $count i32) (param $weights i32) (param $outputs i32) (param $width i32) (param $list i32)
    (local $stride i32)    ;; bytes of one row of weights
    (local $end i32)       ;; of the inputs
    (local $entry i32)     ;; in the list
    (local $listEnd i32)
    (local $output i32)
    (local $outputsEnd i32)
    (local $column i32)    ;; bytes from the first output
    (local $row i32)
    (local $value f32)
    (local $sum f32)
    (local $input v128)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128) (local $sum3 v128)
    (local $sum4 v128) (local $sum5 v128) (local $sum6 v128) (local $sum7 v128)

    ;; 1. List the inputs that are not 0: (place of its row of weights, value). Every input is written, and the entry is
    ;; overwritten by the next one if the input was 0; so there is no branch for the processor to mispredict.
    (local.set $stride (i32.shl (local.get $width) (i32.const 2)))
    (local.set $end (i32.add (local.get $inputs) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $listEnd (local.get $list))
    (block $listed
      (loop $next
        (br_if $listed (i32.ge_u (local.get $inputs) (local.get $end)))
        (local.set $value (f32.load (local.get $inputs)))
        (i32.store (local.get $listEnd) (local.get $weights))
        (f32.store offset=4 (local.get $listEnd) (local.get $value))
        (local.set $listEnd (i32.add (local.get $listEnd)
          (i32.shl (f32.ne (local.get $value) (f32.const 0)) (i32.const 3))))
        (local.set $weights (i32.add (local.get $weights) (local.get $stride)))
        (local.set $inputs (i32.add (local.get $inputs) (i32.const 4)))
        (br $next)))

    (local.set $output (local.get $outputs))
    (local.set $outputsEnd (i32.add (local.get $outputs) (local.get $stride)))

    ;; 2. 32 outputs at a time: their sums stay in eight registers while all inputs of the list pass by.
    (block $done32
      (loop $next32
        (br_if $done32 (i32.gt_u (i32.add (local.get $output) (i32.const 128)) (local.get $outputsEnd)))
        (local.set $column (i32.sub (local.get $output) (local.get $outputs)))
        (local.set $sum0 (v128.load offset=0 (local.get $output)))
        (local.set $sum1 (v128.load offset=16 (local.get $output)))
        (local.set $sum2 (v128.load offset=32 (local.get $output)))
        (local.set $sum3 (v128.load offset=48 (local.get $output)))
        (local.set $sum4 (v128.load offset=64 (local.get $output)))
        (local.set $sum5 (v128.load offset=80 (local.get $output)))
        (local.set $sum6 (v128.load offset=96 (local.get $output)))
        (local.set $sum7 (v128.load offset=112 (local.get $output)))
        (local.set $entry (local.get $list))
        (block $summed
          (loop $add
          (br_if $summed (i32.ge_u (local.get $entry) (local.get $listEnd)))
          (local.set $row (i32.add (i32.load (local.get $entry)) (local.get $column)))
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
          (br $add)))
        (v128.store offset=0 (local.get $output) (local.get $sum0))
        (v128.store offset=16 (local.get $output) (local.get $sum1))
        (v128.store offset=32 (local.get $output) (local.get $sum2))
        (v128.store offset=48 (local.get $output) (local.get $sum3))
        (v128.store offset=64 (local.get $output) (local.get $sum4))
        (v128.store offset=80 (local.get $output) (local.get $sum5))
        (v128.store offset=96 (local.get $output) (local.get $sum6))
        (v128.store offset=112 (local.get $output) (local.get $sum7))
        (local.set $output (i32.add (local.get $output) (i32.const 128)))
        (br $next32)))

    ;; 3. What is left, four at a time.
    (block $done4
      (loop $next4
        (br_if $done4 (i32.gt_u (i32.add (local.get $output) (i32.const 16)) (local.get $outputsEnd)))
        (local.set $column (i32.sub (local.get $output) (local.get $outputs)))
        (local.set $sum0 (v128.load (local.get $output)))
        (local.set $entry (local.get $list))
        (block $summed
          (loop $add
          (br_if $summed (i32.ge_u (local.get $entry) (local.get $listEnd)))
          (local.set $sum0 (f32x4.add (local.get $sum0) (f32x4.mul
            (v128.load32_splat offset=4 (local.get $entry))
            (v128.load (i32.add (i32.load (local.get $entry)) (local.get $column))))))
          (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
          (br $add)))
        (v128.store (local.get $output) (local.get $sum0))
        (local.set $output (i32.add (local.get $output) (i32.const 16)))
        (br $next4)))

    ;; 4. The last one to three, one at a time.
    (block $done1
      (loop $next1
        (br_if $done1 (i32.ge_u (local.get $output) (local.get $outputsEnd)))
        (local.set $column (i32.sub (local.get $output) (local.get $outputs)))
        (local.set $sum (f32.load (local.get $output)))
        (local.set $entry (local.get $list))
        (block $summed
          (loop $add
          (br_if $summed (i32.ge_u (local.get $entry) (local.get $listEnd)))
          (local.set $sum (f32.add (local.get $sum) (f32.mul
            (f32.load offset=4 (local.get $entry))
            (f32.load (i32.add (i32.load (local.get $entry)) (local.get $column))))))
          (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
          (br $add)))
        (f32.store (local.get $output) (local.get $sum))
        (local.set $output (i32.add (local.get $output) (i32.const 4)))
        (br $next1)))))
