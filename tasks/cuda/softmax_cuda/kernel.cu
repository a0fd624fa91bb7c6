// One row a thread, in three passes: the largest, the sum, the quotients.
extern "C" __global__ void softmax(const float* x, float* out, int rows, int columns) {
    int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows) return;
    const float* from = x + (long long)row * columns;
    float* to = out + (long long)row * columns;
    float largest = from[0];
    for (int i = 1; i < columns; ++i) largest = fmaxf(largest, from[i]);
    float sum = 0.0f;
    for (int i = 0; i < columns; ++i) {
        to[i] = expf(from[i] - largest);
        sum += to[i];
    }
    for (int i = 0; i < columns; ++i) to[i] /= sum;
}
