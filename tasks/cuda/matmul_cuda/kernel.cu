// One element of the product a thread, straight from global memory.
extern "C" __global__ void matmul(const float* left, const float* right, float* out, int rows,
                                  int inner, int columns) {
    int column = blockIdx.x * blockDim.x + threadIdx.x;
    int row = blockIdx.y * blockDim.y + threadIdx.y;
    if (row >= rows || column >= columns) return;
    float sum = 0.0f;
    for (int i = 0; i < inner; ++i) {
        sum += left[(long long)row * inner + i] * right[(long long)i * columns + column];
    }
    out[(long long)row * columns + column] = sum;
}
