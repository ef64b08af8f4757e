#include "base/ids.hpp"

#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace strowger {
namespace {

TEST(Ids, AreRandomUuidsOfVersion4)
{
    std::set<std::string> seen;
    for (int i = 0; i < 10000; ++i) {
        const auto id = make_uuid();
        ASSERT_TRUE(is_uuid(id)) << id;
        ASSERT_EQ(id[14], '4') << id;
        ASSERT_NE(std::string_view{"89ab"}.find(id[19]), std::string_view::npos) << id;
        ASSERT_TRUE(seen.insert(id).second) << "twice: " << id;
    }
}

TEST(Ids, DifferBetweenThreads)
{
    std::vector<std::string> first(8);
    std::vector<std::thread> threads;
    for (auto& id : first) threads.emplace_back([&id] { id = make_uuid(); });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(std::set(first.begin(), first.end()).size(), first.size());
}

TEST(Ids, KnowTheFormOfAUuid)
{
    EXPECT_TRUE(is_uuid("0b4b2f5e-1c2d-4e3f-8a9b-0123456789ab"));
    EXPECT_TRUE(is_uuid("0B4B2F5E-1C2D-4E3F-8A9B-0123456789AB"));
    EXPECT_FALSE(is_uuid(""));
    EXPECT_FALSE(is_uuid("0b4b2f5e-1c2d-4e3f-8a9b-0123456789a"));
    EXPECT_FALSE(is_uuid("0b4b2f5e-1c2d-4e3f-8a9b-0123456789abc"));
    EXPECT_FALSE(is_uuid("0b4b2f5e-1c2d-4e3f-8a9b_0123456789ab"));
    EXPECT_FALSE(is_uuid("0b4b2f5e-1c2d-4e3f-8a9b-0123456789ag"));
}

}  // namespace
}  // namespace strowger
