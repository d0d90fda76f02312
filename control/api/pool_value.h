// Pools as JSON, alike in `status` and `pool.show`.
#pragma once

#include <boost/json/array.hpp>
#include <vector>

#include "control/api/server_view.h"

namespace tandem6 {

[[nodiscard]] boost::json::array pool_values(const std::vector<PoolView>& pools);

}  // namespace tandem6
